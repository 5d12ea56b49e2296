// How much room a tile takes. Knows nothing of files.

/** Wider or narrower a row of tiles cannot bear. */
const [WIDEST, NARROWEST] = [2.4, 0.75];

/** As wide as the picture asks for; what has no pixels is a small card. */
export function shapeTile(tile, width, height) {
  const hasPixels = width > 0 && height > 0;
  tile.classList.toggle("card", !hasPixels);
  if (hasPixels) {
    tile.style.setProperty("--ratio", Math.min(WIDEST, Math.max(NARROWEST, width / height)).toFixed(4));
  }
}
