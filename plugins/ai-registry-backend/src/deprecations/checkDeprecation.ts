import { InputError } from '@backstage/errors';
import { parseMoment } from '@greenroom/ai-node';
import {
  type DeprecatedThing,
  type Deprecation,
  describeDeprecated,
  type NewDeprecation,
} from '@greenroom/plugin-ai-registry-common';

/** What is known of the replacement that somebody names. */
export interface FoundReplacement {
  exists: boolean;
  /** Of itself or of its model. */
  isDeprecated: boolean;
}

const YEAR_9999 = Date.UTC(9999, 11, 31);

/**
 * The deprecation that was asked for, in its stored form.
 *
 * @param found - undefined where no replacement is named
 * @throws InputError that names the field
 */
export function checkDeprecation(
  asked: NewDeprecation,
  options: {
    thing: DeprecatedThing;
    before: Deprecation | undefined;
    found: FoundReplacement | undefined;
    now: Date;
  },
): NewDeprecation {
  const { thing, before, found, now } = options;
  const message = asked.message.trim();
  if (message === '') {
    throw new InputError(
      'message is empty: say why, and what callers have to do',
    );
  }
  const { replacement } = asked;
  if (replacement) checkReplacement(replacement, { thing, found });
  const sunsetAt =
    asked.sunsetAt === undefined
      ? undefined
      : checkSunset(asked.sunsetAt, { before, now });
  return {
    message,
    ...(sunsetAt !== undefined && { sunsetAt }),
    ...(replacement && { replacement }),
  };
}

function checkSunset(
  text: string,
  { before, now }: { before: Deprecation | undefined; now: Date },
): string {
  const millis = parseMoment(text)?.getTime();
  if (millis === undefined || millis > YEAR_9999) {
    throw new InputError(
      `sunsetAt is '${text}', which is no time: write ISO 8601, such as 2027-01-31T00:00:00Z`,
    );
  }
  const sunsetAt = new Date(millis).toISOString();
  // What is said of it may still change once the day has come.
  if (millis <= now.getTime() && sunsetAt !== before?.sunsetAt) {
    throw new InputError(
      `sunsetAt is ${text}, which is over already: give callers time, or leave it out while it is not decided`,
    );
  }
  return sunsetAt;
}

function checkReplacement(
  replacement: DeprecatedThing,
  options: { thing: DeprecatedThing; found: FoundReplacement | undefined },
): void {
  const { thing, found } = options;
  const isSameModel = replacement.model === thing.model;
  if (isSameModel && thing.version === undefined) {
    throw new InputError(
      `replacement is of model '${thing.model}', which is deprecated as a whole: name another model, or deprecate a version alone`,
    );
  }
  if (isSameModel && replacement.version === thing.version) {
    throw new InputError(
      `replacement is ${describeDeprecated(
        thing,
      )} itself: name another version, or leave the version out`,
    );
  }
  const about = describeDeprecated(replacement);
  if (!found?.exists) {
    throw new InputError(
      `replacement: there is no ${about} that you may see: check the name and the version`,
    );
  }
  if (found.isDeprecated) {
    throw new InputError(
      `replacement: ${about} is deprecated itself: name what callers are to use in the end`,
    );
  }
}
