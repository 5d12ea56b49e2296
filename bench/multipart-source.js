/**
 * The Worker that feeds those of bench/multipart-worker.js: the body is a file, passed on by the platform without any
 * JavaScript in between. Plain JavaScript for the same reason.
 */
export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    const file = await env.FORMS.fetch(`http://forms/${searchParams.get("form")}`);
    const way = searchParams.get("way");
    const headers = { "Content-Type": searchParams.get("type"), "Content-Length": file.headers.get("Content-Length") };
    return env[way].fetch(`http://parser/${way}`, { method: "POST", headers, body: file.body });
  },
};
