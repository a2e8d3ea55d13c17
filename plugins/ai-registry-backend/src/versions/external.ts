/** Why an external version is never loaded to try it. */
export const RUNS_AT_PROVIDER = 'It runs at a provider.';
