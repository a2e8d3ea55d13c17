import type { GateEvidence } from '@greenroom/plugin-ai-registry-common';
import satisfies from 'spdx-satisfies';
import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';

/** Tags that say it: as people of either side of an ocean write it. */
const TAGS = ['license', 'licence'];

/** Only what one may use is served. */
export const licence: PromotionGate = {
  id: 'licence',
  title: 'Licence is allowed',
  step: { name: 'check-licence', title: 'Check the licence' },
  when: 'once',
  defaultMode: 'required',
  ofRollback: 'off',
  isOnDemand: true,
  configure(config) {
    const allowed = config.strings('allowed', { default: [], atMost: 200 });
    return allowed.length === 0
      ? undefined
      : { check: context => check(context, allowed) };
  },
};

async function check(
  context: StepContext,
  allowed: string[],
): Promise<GateFinding> {
  const found = await findLicence(context);
  const names = allowed.join(', ');
  if (!found) {
    return {
      status: 'failed',
      summary: `Neither the version nor the model has the tag license: give it one with the SPDX expression of its licence. Allowed are ${names}.`,
    };
  }
  const evidence: GateEvidence = {
    kind: 'facts',
    facts: [
      { label: `Tag of the ${found.of}`, value: found.expression },
      { label: 'Allowed', value: names },
    ],
  };
  switch (isAllowed(found.expression, allowed)) {
    case true:
      return {
        status: 'passed',
        summary: `${found.expression} is allowed.`,
        evidence,
      };
    case false:
      return {
        status: 'failed',
        summary: `${found.expression} is not allowed here. Allowed are ${names}.`,
        evidence,
      };
    default:
      return {
        status: 'undecided',
        summary: `'${found.expression}' is no SPDX expression, such as Apache-2.0 or MIT OR GPL-3.0-only: a reviewer has to read it.`,
        evidence,
      };
  }
}

async function findLicence(
  context: StepContext,
): Promise<{ of: 'version' | 'model'; expression: string } | undefined> {
  const [version, model] = [await context.candidate(), await context.model()];
  for (const [of, { tags }] of [
    ['version', version],
    ['model', model],
  ] as const) {
    const tag = TAGS.find(name => tags[name]?.trim());
    if (tag) return { of, expression: tags[tag].trim() };
  }
  return undefined;
}

/** @returns undefined where it cannot be told by a program */
function isAllowed(
  expression: string,
  allowed: readonly string[],
): boolean | undefined {
  // What is written the same way is the same, also where it is no licence that SPDX knows.
  if (allowed.some(one => one.toLowerCase() === expression.toLowerCase())) {
    return true;
  }
  try {
    return satisfies(expression, allowed.filter(isKnown));
  } catch {
    return undefined;
  }
}

function isKnown(licenceId: string): boolean {
  try {
    return satisfies(licenceId, [licenceId]);
  } catch {
    return false;
  }
}
