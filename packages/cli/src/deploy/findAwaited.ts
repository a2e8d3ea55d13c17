import { parseManifestPath } from '@greenroom/manifest';
import type { CommandContext, Words } from '../Command';
import { failure } from '../CommandError';
import { readChange } from '../git/readChange';
import type { Portal } from '../portal/Portal';
import type { Awaited } from './judgeDeployment';

/** What is waited for, and how two commits stand to each other. */
export interface AwaitedDeployments {
  /** Undefined where no commit was named: whatever the registry says. */
  commit?: string;
  items: Awaited[];
  /** Whether the first commit is in the past of the second. */
  isEarlier(commit: string, than: string): Promise<boolean>;
}

/** Finds out what a commit changed, in the checkout; or what the registry wants, where no commit is named. */
export async function findAwaited(options: {
  environment: string;
  words: Words;
  context: CommandContext;
  portal: Portal;
}): Promise<AwaitedDeployments> {
  const { environment, words, context } = options;
  const model = words.text('model');
  const revision = words.text('commit') ?? context.environment.GITHUB_SHA;
  if (!revision) return ofRegistry({ ...options, model });
  const { checkout, commit, files } = await readChange({
    revision,
    since: words.text('since'),
    folder: `environments/${environment}`,
    context,
  });
  const items = await Promise.all(
    files.map(async ({ path, change }): Promise<Awaited[]> => {
      const place = parseManifestPath(path);
      if (!place || (model !== undefined && place.model !== model)) return [];
      return [
        {
          environment,
          model: place.model,
          path,
          change,
          commit: await checkout.lastChange(commit, path),
        },
      ];
    }),
  );
  return {
    commit,
    items: items.flat(),
    isEarlier: (one, than) => checkout.isIn(one, than),
  };
}

async function ofRegistry(options: {
  environment: string;
  model?: string;
  portal: Portal;
}): Promise<AwaitedDeployments> {
  const { environment, model, portal } = options;
  const { items, problems } = await portal.registry.listDesiredDeployments(
    environment,
    { model },
  );
  const models = new Set([...items, ...problems].map(one => one.model));
  if (model !== undefined && models.size === 0) {
    throw failure(`${model} is not deployed in ${environment}`);
  }
  return {
    items: [...models].sort().map(name => ({
      environment,
      model: name,
      path: `environments/${environment}/models/${name}.yaml`,
      change: 'set',
    })),
    isEarlier: async () => false,
  };
}
