declare module '*/stub/model.mjs' {
  export function metaFor(language: string): unknown;
}
declare module '*/stub/filter.mjs' {
  export function compile(
    text: string,
    context: Record<string, unknown>,
  ): (record: Record<string, unknown>) => unknown;
}
