export default {
  fetch(): Response {
    return new Response("sluice");
  },
} satisfies ExportedHandler;
