/** The text of a worker that serves these engines, bundled when the labs are built. */
declare module "worker:*" {
  const source: string;
  export default source;
}
declare module "*.css" {
  const text: string;
  export default text;
}
