/** `/docs` while a development server runs: the OpenAPI document in Swagger UI, from which calls can be made. */

const VIEWER = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0";

/** The browser takes these bytes and no others: https://www.w3.org/TR/sri-2/ */
export const viewerFiles = {
  "swagger-ui.css": "sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I",
  "swagger-ui-bundle.js": "sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9",
} as const;

const source = (name: keyof typeof viewerFiles): string =>
  `"${VIEWER}/${name}" integrity="${viewerFiles[name]}" crossorigin="anonymous"`;

const page = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Endpoints</title>
  <link rel="stylesheet" href=${source("swagger-ui.css")}>
  <main id="docs"><p>The viewer comes from the network. <a href="/openapi.json">The document itself</a> does not.</p></main>
  <script src=${source("swagger-ui-bundle.js")}></script>
  <script>
    SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", persistAuthorization: true, tryItOutEnabled: true });
  </script>
</html>
`;

export const docsPath = "/docs";

export const showDocs = (): Response => new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
