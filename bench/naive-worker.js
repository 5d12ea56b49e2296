/** What most tutorials show: the whole body in memory, then one put. For comparison in bench/upload.ts. */
export default {
  async fetch(request, env) {
    const form = await request.formData();
    for (const file of form.values()) {
      const key = crypto.randomUUID();
      await env.BUCKET.put(key, await file.arrayBuffer());
    }
    return Response.json({ success: true });
  },
};
