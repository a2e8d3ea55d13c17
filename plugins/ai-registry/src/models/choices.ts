/** Each value once, in order, with the chosen one even when no listed model has it. */
export function choices(
  values: string[],
  chosen: string | undefined,
): string[] {
  return [...new Set(chosen ? [chosen, ...values] : values)].sort();
}
