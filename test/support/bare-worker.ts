/** The Worker that the tests run in. They make the apps they call themselves, from plans of their own. */
export default {
  fetch: () => new Response("test"),
} satisfies ExportedHandler;
