/** PostgreSQL's code for a transaction that it ended so that another one could go on. */
const DEADLOCK_DETECTED = '40P01';
/** Each attempt that fails let another one through. */
const MOST_ATTEMPTS = 5;

/**
 * Runs a transaction once more when PostgreSQL ended it for a deadlock. Those that add to windows
 * take them in one order, but for a window that was merged upward meanwhile and is made anew: two
 * that do so may wait for each other.
 *
 * @param transaction - begins anew each time it is called
 */
export async function againAfterDeadlock<T>(
  transaction: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      const isDeadlock = Object(error).code === DEADLOCK_DETECTED;
      if (!isDeadlock || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}
