/**
 * The usual server for uploads, for comparison in bench/throughput.ts: multer writes each file to the disk, sharp reads its
 * size and scales it down for a colour. `node bench/express-server.js <port> <folder>`
 */
import express from "express";
import multer from "multer";
import sharp from "sharp";

const [port, folder] = process.argv.slice(2);
const app = express();

async function describe({ path, size }) {
  const picture = sharp(path);
  const { width, height } = await picture.metadata();
  const { data, info } = await picture.resize(100, 100, { fit: "inside" }).raw().toBuffer({ resolveWithObject: true });
  const channels = [0, 0, 0];
  for (let at = 0; at < data.length; at++) if (at % info.channels < 3) channels[at % info.channels] += data[at];
  const color = channels.map((sum) => Math.round((sum * info.channels) / data.length));
  return { path, size, width, height, color };
}

/** Express hands a rejection on. */
const take = (request, response) =>
  Promise.all(request.files.map(describe)).then((data) => response.json({ success: true, data }));

app.post("/many", multer({ dest: folder }).any(), take);
app.listen(Number(port), "127.0.0.1", () => console.log("listening"));
