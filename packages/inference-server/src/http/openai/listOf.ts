import { z } from 'zod';

/**
 * A list that is read up to its first item that is wrong: to explain each of a million costs
 * seconds in which nobody else is answered.
 */
export function listOf<T>(
  item: z.ZodType<T>,
  options: { expected: string; min?: number; max?: number },
) {
  const { expected, min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  return z
    .array(z.unknown(), expected)
    .min(min, `expected at least ${min}`)
    .max(max, `expected at most ${max}`)
    .transform((values, context): T[] => {
      const items: T[] = [];
      for (let index = 0; index < values.length; index++) {
        const result = item.safeParse(values[index]);
        if (!result.success) {
          const [{ path, message }] = result.error.issues;
          context.issues.push({
            code: 'custom',
            input: values[index],
            path: [index, ...path],
            message,
          });
          return z.NEVER;
        }
        items.push(result.data);
      }
      return items;
    });
}
