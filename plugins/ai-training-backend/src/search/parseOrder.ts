import { InputError } from '@backstage/errors';
import type { Order } from './filter';
import { parseField } from './parseFilter';
import { isSameField, type SearchLanguage } from './SearchLanguage';
import { understandField } from './understandCondition';

const MAX_FIELDS = 8;
const DIRECTION = /\s+(\S+)\s*$/;

/**
 * Reads an `order_by`: fields such as `metrics.loss DESC`, ascending where they do not say.
 *
 * @throws InputError that quotes the one that cannot be read, or that stands there twice
 */
export function parseOrder<A extends string>(
  clauses: readonly string[],
  language: SearchLanguage<A>,
): Order<A>[] {
  if (clauses.length > MAX_FIELDS) {
    throw new InputError(
      `Invalid order_by: it names ${clauses.length} fields, order by at most ${MAX_FIELDS}`,
    );
  }
  const order = clauses.map(clause => parseClause(clause, language));
  order.forEach((one, index) => {
    if (order.findIndex(it => isSameField(it.field, one.field)) < index) {
      throw new InputError(
        `\`order_by\` contains duplicate fields: ${JSON.stringify(clauses)}`,
      );
    }
  });
  return order;
}

function parseClause<A extends string>(
  clause: string,
  language: SearchLanguage<A>,
): Order<A> {
  const { fieldText, ascending } = splitDirection(clause);
  const written = readField(fieldText);
  if (!written) {
    throw new InputError(
      `Invalid order_by clause '${clause}'. Could not be parsed. Expected a field such as metrics.loss or tags.\`my tag\`, and ASC or DESC`,
    );
  }
  const field = understandField(written, language, 'order');
  if (field.kind !== 'attribute' && !language.orderedBy.includes(field.kind)) {
    throw new InputError(
      `Invalid order_by entity type '${field.kind}' in '${clause}': order by ${[
        'attribute',
        ...language.orderedBy,
      ].join(', ')}`,
    );
  }
  return { field, ascending };
}

/** The last word is the direction, unless it is part of what stands in quotes. */
function splitDirection(clause: string): {
  fieldText: string;
  ascending: boolean;
} {
  const direction = DIRECTION.exec(clause.trimStart());
  if (!direction || /[`"]$/.test(direction[1])) {
    return { fieldText: clause, ascending: true };
  }
  const word = direction[1].toLowerCase();
  if (word !== 'asc' && word !== 'desc') {
    throw new InputError(
      `Invalid ordering key in order_by clause '${clause}'. Expected ASC or DESC, got '${direction[1]}'`,
    );
  }
  const fieldText = clause.trimStart().slice(0, direction.index);
  return { fieldText, ascending: word === 'asc' };
}

function readField(text: string) {
  try {
    return parseField(text);
  } catch {
    // Told in the words of orders, not of filters.
    return undefined;
  }
}
