// Imported as text: the compiler of bundles puts them in.
declare module 'swagger-ui-dist/swagger-ui-bundle.js' {
  const text: string;
  export { text as default };
}
declare module 'swagger-ui-dist/swagger-ui.css' {
  const text: string;
  export { text as default };
}
