// @ts-check
import { waitFor } from '../../demo/ControlPlane.mjs';

/**
 * What somebody belongs to is found out when they sign in, from the catalog, which takes a moment to know them.
 *
 * @param {import('./DrillStack.mjs').DrillStack} stack
 */
export async function untilPeopleAreKnown(stack) {
  for (const person of ['ada', 'grace']) {
    await waitFor(
      `${person} in the catalog`,
      async () => {
        const [found] = await stack.query(
          `select 1 from catalog.final_entities where entity_ref = $1 and final_entity like '%"memberOf"%'`,
          [`user:default/${person}`],
        );
        return found;
      },
      { seconds: 120 },
    );
  }
}
