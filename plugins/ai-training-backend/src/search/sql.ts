import type { Knex } from 'knex';

/** What a statement takes as a parameter. */
export type SqlValue = string | number | boolean | null | string[] | number[];

/** A piece of SQL with its parameters. Text gets into one by {@link sql} alone, so that no value can. */
export class Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];

  private constructor(text: string, values: readonly SqlValue[]) {
    this.text = text;
    this.values = values;
  }

  /** For {@link sql} and {@link joinSql}. */
  static of(text: string, values: readonly SqlValue[]): Sql {
    return new Sql(text, values);
  }

  toRaw(knex: Knex): Knex.Raw {
    return knex.raw(this.text, [...this.values] as Knex.RawBinding[]);
  }
}

/** Puts pieces into SQL as they are, and everything else as parameters. */
export function sql(
  strings: TemplateStringsArray,
  ...parts: (Sql | SqlValue)[]
): Sql {
  let text = strings[0];
  const values: SqlValue[] = [];
  parts.forEach((part, index) => {
    if (part instanceof Sql) {
      text += part.text;
      values.push(...part.values);
    } else {
      text += '?';
      values.push(part);
    }
    text += strings[index + 1];
  });
  return Sql.of(text, values);
}

export function joinSql(pieces: readonly Sql[], separator: string): Sql {
  return Sql.of(
    pieces.map(({ text }) => text).join(separator),
    pieces.flatMap(({ values }) => values),
  );
}

/** All of them; true where there are none. */
export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : joinSql(conditions, ' and ');
}

/** One of them; false where there are none. */
export function anyOf(conditions: readonly Sql[]): Sql {
  if (conditions.length === 0) return sql`false`;
  return sql`(${joinSql(conditions, ' or ')})`;
}
