// Reads a thumbhash (https://evanw.github.io/thumbhash/) into pixels. Knows no element.
//
// The bits stand in the bytes lowest first: the mean colour, the scales, then one nibble for each cosine of the four
// channels L (lightness), P (blue against yellow), Q (red against green) and A.

/** Longer side of what is drawn. The hash has seven cosines a side at most: more pixels would show nothing new. */
const SIDE = 32;
/** P and Q are stored a little too small, so that strong colours survive rounding. */
const BOOST = 1.25;

/** `{ width, height, rgba }`; null for text that is no thumbhash. */
export function readThumbhash(base64) {
  let hash;
  try {
    hash = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
  return hash.length < 5 ? null : paint(readHash(hash));
}

function readHash(hash) {
  const bits = createBitReader(hash);
  const [l, p, q] = [bits(6) / 63, bits(6) / 31.5 - 1, bits(6) / 31.5 - 1];
  const lScale = bits(5) / 31;
  const hasAlpha = bits(1) === 1;
  const shortCount = bits(3);
  const [pScale, qScale] = [bits(6) / 63, bits(6) / 63];
  const isLandscape = bits(1) === 1;
  const longCount = hasAlpha ? 5 : 7;
  const [a, aScale] = hasAlpha ? [bits(4) / 15, bits(4) / 15] : [1, 0];
  const [nx, ny] = isLandscape ? [longCount, shortCount] : [shortCount, longCount];
  const readChannel = (mean, columns, rows, scale) => ({ mean, cosines: readCosines(bits, columns, rows, scale) });
  return {
    ratio: nx / ny,
    channels: [
      readChannel(l, Math.max(3, nx), Math.max(3, ny), lScale),
      readChannel(p, 3, 3, pScale * BOOST),
      readChannel(q, 3, 3, qScale * BOOST),
      hasAlpha ? readChannel(a, 5, 5, aScale) : { mean: 1, cosines: [] },
    ],
  };
}

function createBitReader(bytes) {
  let position = 0;
  return (count) => {
    let value = 0;
    for (let bit = 0; bit < count; bit += 1, position += 1) {
      value |= (((bytes[position >> 3] ?? 0) >> (position & 7)) & 1) << bit;
    }
    return value;
  };
}

/** The triangle of low frequencies, without the mean. */
function readCosines(bits, columns, rows, scale) {
  const cosines = [];
  for (let y = 0; y < rows; y += 1) {
    for (let x = y === 0 ? 1 : 0; x * rows < columns * (rows - y); x += 1) {
      cosines.push({ x, y, weight: 2 * scale * (bits(4) / 7.5 - 1) });
    }
  }
  return cosines;
}

function paint({ ratio, channels }) {
  const width = Math.max(1, Math.round(ratio > 1 ? SIDE : SIDE * ratio));
  const height = Math.max(1, Math.round(ratio > 1 ? SIDE / ratio : SIDE));
  const rgba = new Uint8ClampedArray(4 * width * height);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 4) {
      const [l, p, q, a] = channels.map((channel) => valueAt(channel, (x + 0.5) / width, (y + 0.5) / height));
      const blue = l - (2 / 3) * p;
      const red = (3 * l - blue + q) / 2;
      rgba.set([255 * red, 255 * (red - q), 255 * blue, 255 * a], at);
    }
  }
  return { width, height, rgba };
}

function valueAt({ mean, cosines }, x, y) {
  return cosines.reduce(
    (sum, cosine) => sum + cosine.weight * Math.cos(Math.PI * x * cosine.x) * Math.cos(Math.PI * y * cosine.y),
    mean,
  );
}
