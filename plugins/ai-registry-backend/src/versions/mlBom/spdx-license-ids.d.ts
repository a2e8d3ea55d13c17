declare module 'spdx-license-ids' {
  /** Identifiers of SPDX that are in use, such as `Apache-2.0`. */
  const identifiers: string[];
  export default identifiers;
}
