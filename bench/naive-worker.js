/**
 * What people write by hand, and what it rests on, for comparison: no token, no limit, no type, no checksum, no colour.
 * `/put` only stores the body, `/calls` makes the calls of bindings that the runtime makes for a file, and every other address does
 * what most tutorials show: the whole body in memory, then one put.
 */
const RESERVE =
  "INSERT INTO sluice_files (id, owner, storage_key, visibility, endpoint, original_file_name, file_type, extension, file_api, status, created_at, updated_at) VALUES (?1, NULL, ?2, 'public', 'naive', ?3, ?4, 'jpg', 0, 'pending', ?5, ?5)";
const COMMIT = "UPDATE sluice_files SET status = 'stored', file_size = ?2, updated_at = ?3 WHERE id = ?1 RETURNING id";

/** @param source a file of a form, or the request itself */
async function put(source, env) {
  await env.BUCKET.put(crypto.randomUUID(), await source.arrayBuffer());
}

async function register(file, env) {
  const [id, key, now] = [crypto.randomUUID(), crypto.randomUUID(), new Date().toISOString()];
  await env.DB.batch([env.DB.prepare(RESERVE).bind(id, key, file.name, file.type, now)]);
  await env.BUCKET.put(key, await file.arrayBuffer(), { httpMetadata: { contentType: file.type } });
  await env.DB.batch([env.DB.prepare(COMMIT).bind(id, file.size, now)]);
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    // Not as a stream: the simulated bucket takes those more slowly.
    if (pathname === "/put") await put(request, env);
    else {
      const form = await request.formData();
      for (const file of form.values()) await (pathname === "/calls" ? register : put)(file, env);
    }
    return Response.json({ success: true });
  },
};
