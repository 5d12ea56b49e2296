/**
 * Pictures of every kind that people upload, always the same: photographs and parts of them, drawings, pages, gradients
 * and noise. Made by sharp, hence in Node.
 */
import sharp, { type Sharp } from "sharp";

export interface Painting {
  readonly name: string;
  readonly png: Buffer;
}

/** Drawings are drawn in these units, and painted with three pixels to four of them. */
const width = 720;
const height = 480;
const scale = 0.75;
/** JPEGs from 512 pixels on are read at 1:8. */
const painted = { width: width * scale, height: height * scale } as const;
const photo = (name: string): Sharp => sharp(new URL(`../photos/${name}`, import.meta.url).pathname).rotate();
const field = (): Sharp => photo("seeding-16mp-progressive.jpg");
const rock = (): Sharp => photo("umang-8mp-baseline.jpg");
const sunset = (): Sharp => photo("sunset-1600.jpg");
const peak = (): Sharp => photo("picos-1200-exif-gps-rotated.jpg");

/** Numbers from 0 to before 1 that look random (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function drawn(body: string, across = width, down = height): Sharp {
  const size = `width="${across * scale}" height="${down * scale}" viewBox="0 0 ${across} ${down}"`;
  return sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${body}</svg>`));
}

const box = (x: number, y: number, across: number, down: number, color: string, more = ""): string =>
  `<rect x="${x}" y="${y}" width="${across}" height="${down}" fill="${color}" ${more}/>`;

const sheet = (color: string): string => box(0, 0, width, height, color);

const disc = (x: number, y: number, radius: number, color: string, more = ""): string =>
  `<circle cx="${x}" cy="${y}" r="${radius}" fill="${color}" ${more}/>`;

const times = (count: number, draw: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => draw(index)).join("");

/** A sheet from one colour to others, along a line or from the middle. */
function gradient(kind: "linear" | "radial", ...colors: readonly string[]): Sharp {
  const stops = colors.map((color, index) => `<stop offset="${index / (colors.length - 1)}" stop-color="${color}"/>`);
  return drawn(`<${kind}Gradient id="g">${stops.join("")}</${kind}Gradient>${sheet("url(#g)")}`);
}

/** A pixel's red, green and blue, or the three of them in one. */
function pixels(colorOf: (x: number, y: number) => readonly [number, number, number] | number): Sharp {
  const data = new Uint8ClampedArray(painted.width * painted.height * 3);
  for (let at = 0; at < data.length; at += 3) {
    const color = colorOf((at / 3) % painted.width, Math.floor(at / 3 / painted.width));
    data.set(typeof color === "number" ? [color, color, color] : color, at);
  }
  return sharp(data, { raw: { ...painted, channels: 3 } });
}

/** Numbers from 0 to 1 that change slowly from place to place. */
function cloud(seed: number, cell: number): (x: number, y: number) => number {
  const random = randomOf(seed);
  const columns = Math.ceil(painted.width / cell) + 2;
  const corners = Array.from({ length: columns * (Math.ceil(painted.height / cell) + 2) }, random);
  const ease = (share: number): number => share * share * (3 - 2 * share);
  return (x, y) => {
    const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
    const [right, down] = [ease(x / cell - column), ease(y / cell - row)];
    const corner = (across: number, below: number): number => corners[(row + below) * columns + column + across] ?? 0;
    const top = corner(0, 0) * (1 - right) + corner(1, 0) * right;
    return top * (1 - down) + (corner(0, 1) * (1 - right) + corner(1, 1) * right) * down;
  };
}

function noise(seed: number, levels: (random: () => number) => readonly [number, number, number] | number): Sharp {
  const random = randomOf(seed);
  return pixels(() => levels(random));
}

function clouds(seed: number, cell: number, from: readonly number[], to: readonly number[]): Sharp {
  const at = cloud(seed, cell);
  return pixels((x, y) => {
    const share = at(x, y);
    const level = (channel: number): number => (from[channel] ?? 0) * (1 - share) + (to[channel] ?? 0) * share;
    return [level(0), level(1), level(2)];
  });
}

function confetti(seed: number, count: number, background: string, colors: readonly string[]): Sharp {
  const random = randomOf(seed);
  const one = (): string =>
    disc(random() * width, random() * height, 8 + random() * 30, colors[Math.floor(random() * colors.length)] ?? "");
  return drawn(sheet(background) + times(count, one));
}

/** Lines as long as words are, because letters depend on the machine's fonts. */
function lines(seed: number, left: number, color: string, more = ""): string {
  const random = randomOf(seed);
  return times(18, (line) => {
    let x = left;
    let words = "";
    while (x < width - left) {
      const word = 12 + random() * 60;
      words += box(x, 40 + line * 23, Math.min(word, width - left - x), 9, color, more);
      x += word + 7;
    }
    return words;
  });
}

const inset = async (picture: Sharp, across: number, down: number, left: number, top: number) => ({
  input: await picture
    .resize(across * scale, down * scale)
    .png()
    .toBuffer(),
  left: left * scale,
  top: top * scale,
});

/** Where a part of a photograph begins, as shares of its sides; it is 0.4 of each. */
async function part(picture: Sharp, x: number, y: number): Promise<Sharp> {
  const { data, info } = await picture.resize(painted.width / 0.4).toBuffer({ resolveWithObject: true });
  const [left, top] = [Math.round(info.width * x), Math.round(info.height * y)];
  return sharp(data).extract({ left, top, width: Math.round(info.width * 0.4), height: Math.round(info.height * 0.4) });
}

const whole = (picture: Sharp): Sharp => picture.resize(painted.width);

type Paint = () => Sharp | Promise<Sharp>;

const photographs: Readonly<Record<string, Paint>> = {
  field: () => whole(field()),
  rock: () => whole(rock()),
  sunset: () => whole(sunset()),
  peak: () => whole(peak()),
  "field, a part": () => part(field(), 0.1, 0.5),
  "rock, a part": () => part(rock(), 0.3, 0.3),
  "sunset, a part": () => part(sunset(), 0.3, 0.1),
  "peak, a part": () => part(peak(), 0.2, 0.55),
  "field in purple": () => whole(field()).modulate({ hue: 180 }),
  "rock in blue": () => whole(rock()).modulate({ hue: 120, saturation: 2 }),
  "sunset at night": () => whole(sunset()).modulate({ brightness: 0.35 }),
  "peak, garish": () => whole(peak()).modulate({ saturation: 2.5 }),
  "field in gray": () => whole(field()).grayscale(),
  "rock, blurred": () => whole(rock()).blur(12),
  "sunset, bright": () => whole(sunset()).linear(0.6, 100),
  "peak, small": () => peak().resize(150),
  "a disc of a photograph": () => photo("seeding-round-640.png"),
};

const surfaces: Readonly<Record<string, Paint>> = {
  "blue to white": () => gradient("linear", "#1450c8", "#ffffff"),
  "orange to purple": () => gradient("linear", "#ff9a3c", "#5a189a"),
  rainbow: () => gradient("linear", "#e00", "#ee0", "#0c0", "#0cc", "#00e", "#c0c"),
  "a green lamp": () => gradient("radial", "#d8ffd0", "#0a3a12"),
  "a red spot": () => gradient("radial", "#d00020", "#f4f0ea"),
  "a gray corner": () => gradient("radial", "#8a8a8c", "#8a8a8c", "#202022"),
  "gray grain": () => noise(1, (random) => 90 + random() * 70),
  "teal grain": () => noise(3, (random) => [20 + random() * 40, 110 + random() * 40, 120 + random() * 40]),
  "sparks at night": () => noise(2, (random) => (random() < 0.02 ? [255, 200, 90] : 8 + random() * 14)),
  "sea and sand": () => clouds(4, 90, [18, 70, 120], [220, 200, 150]),
  smoke: () => clouds(5, 40, [30, 30, 34], [190, 190, 196]),
  meadow: () => clouds(6, 12, [40, 90, 20], [150, 190, 60]),
};

const drawings: Readonly<Record<string, Paint>> = {
  "confetti on white": () => confetti(7, 60, "#fff", ["#e63946", "#ffb703", "#2a9d8f", "#8338ec"]),
  "confetti on black": () => confetti(8, 90, "#0b0b0d", ["#ff5400", "#00b4d8", "#f1faee"]),
  stripes: () => drawn(sheet("#f8f8f8") + times(24, (index) => box(index * 30, 0, 15, height, "#c1121f"))),
  "a chess board": () =>
    pixels((x, y) => ((((x / 45) | 0) + ((y / 45) | 0)) % 2 === 0 && y > 67 ? [238, 220, 190] : [110, 66, 40])),
  "a quilt": () =>
    drawn(
      sheet("#e9c46a") +
        times(40, (index) => box((index % 8) * 90, ((index / 8) | 0) * 96, 45, 96, index % 3 ? "#264653" : "#e76f51")),
    ),
  rings: () =>
    drawn(sheet("#023047") + times(7, (index) => disc(360, 240, 230 - index * 32, index % 2 ? "#023047" : "#fb8500"))),
  "a logo without a ground": () => drawn(disc(360, 240, 150, "#7209b7") + box(330, 140, 60, 200, "#fff")),
  "an icon": () => drawn(box(4, 4, 40, 40, "#0a84ff", 'rx="9"') + disc(24, 24, 10, "#fff"), 48, 48),
  "three bands": () =>
    drawn(box(0, 0, 240, 480, "#0055a4") + box(240, 0, 240, 480, "#fff") + box(480, 0, 240, 480, "#ef4135")),
  "a cross": () => drawn(sheet("#006aa7") + box(200, 0, 96, 480, "#fecc00") + box(0, 192, 720, 96, "#fecc00")),
};

const pages: Readonly<Record<string, Paint>> = {
  "a written page": () => drawn(sheet("#fdfdfb") + lines(9, 60, "#222")),
  "a page of code": () => drawn(sheet("#1e1e2e") + lines(10, 40, "#89b4fa", 'fill-opacity="0.8"')),
  "a chart": () =>
    drawn(sheet("#fff") + times(9, (index) => box(60 + index * 68, 420 - index * 40, 46, index * 40 + 20, "#3a86ff"))),
  "a chat": () =>
    drawn(
      sheet("#efeae2") +
        times(6, (index) =>
          box(index % 2 ? 330 : 30, 24 + index * 74, 360, 54, index % 2 ? "#d9fdd3" : "#fff", 'rx="12"'),
        ),
    ),
  "a page with a photograph": async () =>
    drawn(sheet("#fff") + box(0, 0, width, 56, "#24292f")).composite([await inset(sunset(), 420, 280, 152, 120)]),
  "a photograph on black": async () => drawn(sheet("#000")).composite([await inset(peak(), 300, 400, 212, 40)]),
  "a photograph with a bar": async () =>
    whole(field())
      .resize(painted.width, painted.height)
      .composite([await inset(drawn(sheet("#ffd60a")), width, 88, 0, 392)]),
  "a photograph in a frame": async () => drawn(sheet("#7f4f24")).composite([await inset(rock(), 620, 380, 48, 48)]),
  "four photographs": async () =>
    drawn(sheet("#fff")).composite([
      await inset(field(), 360, 240, 0, 0),
      await inset(rock(), 360, 240, 360, 0),
      await inset(sunset(), 360, 240, 0, 240),
      await inset(peak(), 360, 240, 360, 240),
    ]),
  "a slide": () =>
    drawn(sheet("#14213d") + box(60, 70, 420, 40, "#fca311") + lines(11, 60, "#e5e5e5", 'fill-opacity="0.25"')),
};

/** Pictures of which every colour is as frequent as others, so that hardly anything decides between these. */
const undecided: Readonly<Record<string, Paint>> = {
  "black to white": () => gradient("linear", "#000", "#fff"),
  "gray noise": () => noise(4, (random) => random() * 255),
  "an even chess board": () =>
    pixels((x, y) => ((((x / 45) | 0) + ((y / 45) | 0)) % 2 === 0 ? [238, 220, 190] : [110, 66, 40])),
  "stripes of a pixel": () => pixels((x) => (x % 2 === 0 ? [128, 0, 128] : [0, 200, 220])),
};

async function paintAll(paints: Readonly<Record<string, Paint>>): Promise<readonly Painting[]> {
  const paintings: Painting[] = [];
  for (const [name, paint] of Object.entries(paints)) {
    paintings.push({ name, png: await (await paint()).png().toBuffer() });
  }
  return paintings;
}

export const paintPhotographs = (): Promise<readonly Painting[]> => paintAll(photographs);

/** Forty-nine of them, in a fixed order; only a few can be seen through. */
export const paintGallery = (): Promise<readonly Painting[]> =>
  paintAll({ ...photographs, ...surfaces, ...drawings, ...pages });

export const paintUndecided = (): Promise<readonly Painting[]> => paintAll(undecided);
