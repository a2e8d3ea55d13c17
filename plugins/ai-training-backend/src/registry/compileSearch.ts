import { InputError } from '@backstage/errors';
import type {
  ModelCondition,
  ModelOrder,
  SearchOrder,
  TagCondition,
  TextComparator,
  VersionCondition,
  VersionOrder,
} from '@greenroom/plugin-ai-registry-common';
import { MlflowError } from '../mlflow/MlflowError';
import type { Condition, Order } from '../search/filter';
import { parseFilter } from '../search/parseFilter';
import { parseOrder } from '../search/parseOrder';
import {
  completeOrder,
  type ModelVersionAttribute,
  modelVersionLanguage,
  type RegisteredModelAttribute,
  registeredModelLanguage,
} from '../search/SearchLanguage';
import { NO_PROMPTS, PROMPT_TAG } from './prompts';

const TEXT_FIELDS = {
  name: 'externalName',
  run_id: 'run',
  source_path: 'sourceUri',
} as const;

const MODEL_ORDERS: Record<RegisteredModelAttribute, ModelOrder> = {
  name: 'externalName',
  creation_timestamp: 'createdAt',
  last_updated_timestamp: 'updatedAt',
};

const VERSION_ORDERS: Partial<Record<ModelVersionAttribute, VersionOrder>> = {
  name: 'externalName',
  version_number: 'version',
  creation_timestamp: 'createdAt',
  last_updated_timestamp: 'updatedAt',
};

/**
 * A filter and an order of registered models as the registry is asked.
 *
 * @throws InputError for what cannot be read, or what the registry cannot answer exactly
 * @throws MlflowError for a question about prompts
 */
export function compileModelSearch(
  filter: string | undefined,
  orderBy: readonly string[],
): { conditions: ModelCondition[]; order: SearchOrder<ModelOrder>[] } {
  const order = completeOrder(
    registeredModelLanguage,
    parseOrder(orderBy, registeredModelLanguage),
  );
  return {
    conditions: parseFilter(filter, registeredModelLanguage).flatMap(
      (condition): ModelCondition[] => {
        if (condition.field.kind === 'tag') return tagConditions(condition);
        return [{ field: 'externalName', ...textTest(condition) }];
      },
    ),
    order: order.map(one => ({
      by: MODEL_ORDERS[attributeOf(one)],
      descending: !one.ascending,
    })),
  };
}

/**
 * A filter and an order of model versions as the registry is asked.
 *
 * @throws InputError for what cannot be read, or what the registry cannot answer exactly
 * @throws MlflowError for a question about prompts
 */
export function compileVersionSearch(
  filter: string | undefined,
  orderBy: readonly string[],
): { conditions: VersionCondition[]; order: SearchOrder<VersionOrder>[] } {
  const order = completeOrder(
    modelVersionLanguage,
    parseOrder(orderBy, modelVersionLanguage),
  );
  return {
    conditions: parseFilter(filter, modelVersionLanguage).flatMap(
      (condition): VersionCondition[] => {
        const { field } = condition;
        if (field.kind === 'tag') return tagConditions(condition);
        if (condition.type === 'number') {
          const { comparator, value } = condition;
          return [{ field: 'version', comparator, value }];
        }
        if (field.kind === 'attribute' && isTextField(field.key)) {
          return [{ field: TEXT_FIELDS[field.key], ...textTest(condition) }];
        }
        throw cannotAnswer(condition);
      },
    ),
    order: order.map(one => {
      const by = VERSION_ORDERS[attributeOf(one)];
      if (by === undefined) {
        throw new InputError(
          `Invalid order_by: versions cannot be put in order by ${one.field.key}`,
        );
      }
      return { by, descending: !one.ascending };
    }),
  };
}

/** Nothing here is a prompt, so that what asks for no prompts asks for nothing. */
function tagConditions(condition: Condition): TagCondition[] {
  const { field } = condition;
  if (field.key === PROMPT_TAG) {
    const { comparator, values } = textTest(condition);
    const isTrue = values[0]?.toLowerCase() === 'true';
    if (comparator === '=' || comparator === '!=') {
      if (isTrue === (comparator === '=')) {
        throw new MlflowError('NOT_FOUND', NO_PROMPTS);
      }
      return [];
    }
    throw cannotAnswer(condition);
  }
  return [{ field: 'tag', key: field.key, ...textTest(condition) }];
}

function textTest(condition: Condition): {
  comparator: TextComparator;
  values: string[];
} {
  switch (condition.type) {
    case 'text':
      return { comparator: condition.comparator, values: [condition.value] };
    case 'list':
      return { comparator: condition.comparator, values: condition.values };
    default:
      throw cannotAnswer(condition);
  }
}

function isTextField(key: string): key is keyof typeof TEXT_FIELDS {
  return Object.hasOwn(TEXT_FIELDS, key);
}

function attributeOf<A extends string>({ field }: Order<A>): A {
  if (field.kind === 'attribute') return field.key;
  throw new InputError(
    `Invalid order_by: registered models and versions cannot be put in order by ${field.kind}s`,
  );
}

function cannotAnswer({ field, comparator }: Condition): InputError {
  return new InputError(
    `Invalid filter: the registry cannot answer '${field.key} ${comparator}'`,
  );
}
