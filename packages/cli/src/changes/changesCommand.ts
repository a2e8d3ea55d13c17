import {
  ENVIRONMENT_NAME_PATTERN,
  MODEL_NAME_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import { manifestPath, parseManifestPath } from '@greenroom/manifest';
import { type Command, expectWords } from '../Command';
import { setOutputs } from '../github/workflow';
import { readChange } from '../git/readChange';

/** Says which deployments a commit changed, for a workflow that looks after each of them. */
export const changesCommand: Command = {
  name: 'changes',
  summary: 'which deployments a commit of the environments repository changed',
  help: `greenroom changes [--commit ID] [--since ID] [--json]

Says which models in which environments a commit changed, in a checkout of the
environments repository. It asks nobody.

  --commit ID  GITHUB_SHA when left out, and the checkout's where that is not
               set
  --since ID   what it is compared with: where the push began in a workflow, or
               else the commit before it
  --json       one JSON object on standard output

In GitHub Actions the output matrix is set for a job with a matrix, and the
output any to true or false, since a matrix may not be empty.`,
  options: {
    commit: { type: 'string' },
    since: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(words, context) {
    expectWords('changes', words, []);
    const revision =
      words.text('commit') ?? context.environment.GITHUB_SHA ?? 'HEAD';
    const { commit, files } = await readChange({
      revision,
      since: words.text('since'),
      folder: 'environments',
      context,
    });
    const include = files.flatMap(({ path }) => {
      const place = parseManifestPath(path);
      // Other files are refused by the portal, and nothing waits for them.
      return place &&
        path === manifestPath(place) &&
        ENVIRONMENT_NAME_PATTERN.test(place.environment) &&
        MODEL_NAME_PATTERN.test(place.model)
        ? [place]
        : [];
    });
    const lines = include.map(
      ({ environment, model }) => `${environment}/${model}`,
    );
    context.print(
      words.flag('json')
        ? JSON.stringify({ commit, changes: include })
        : lines.join('\n') || `${commit.slice(0, 12)} changed no manifest`,
    );
    await setOutputs(context.environment, {
      any: String(include.length > 0),
      matrix: JSON.stringify({ include }),
    });
  },
};
