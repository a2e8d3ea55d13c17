/** The registry answers once the whole backend has started. */
const FIRST_DELAY_SECONDS = 10;
const SPACING_SECONDS = 10;

/**
 * When the collators run that nobody has said a schedule for: one after the other.
 *
 * @remarks
 *
 * The search keeps a database connection for each that is running. All at once they would leave
 * none for the plugin's own keys, without which the registry answers no collator.
 *
 * @param index - 0 for the first collator
 */
export function defaultSchedule(index: number) {
  return {
    frequency: { minutes: 10 },
    timeout: { minutes: 15 },
    initialDelay: { seconds: FIRST_DELAY_SECONDS + index * SPACING_SECONDS },
  };
}
