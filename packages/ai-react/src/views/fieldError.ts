/** Props that make a field show a sentence that says what to correct; nothing when it is undefined. */
export function fieldError(message: string | undefined) {
  return {
    // 'native' would hold the form back with the browser's own bubbles.
    validationBehavior: 'aria' as const,
    validate: () => message ?? null,
  };
}
