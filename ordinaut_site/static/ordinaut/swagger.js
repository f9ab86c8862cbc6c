SwaggerUIBundle({
  dom_id: "#swagger",
  url: document.getElementById("swagger").dataset.document,
  deepLinking: true,
  displayRequestDuration: true,
});
