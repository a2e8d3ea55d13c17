import {
  type AuthService,
  type DiscoveryService,
  resolveSafeChildPath,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  AiRegistryClient,
  type Digest,
  MODEL_NAME_PATTERN,
  MODEL_TASKS,
} from '@greenroom/plugin-ai-registry-common';
import { ensureModel } from './ensureModel';
import { uploadFiles } from './uploadFiles';

/**
 * `greenroom:register-model`: makes a version of files of the workspace, or of a file that was uploaded before, in the
 * name of whoever uses the template. Registers the model first, where it is not registered yet.
 */
export function createRegisterModelAction(options: {
  auth: AuthService;
  discovery: DiscoveryService;
}) {
  const { auth, discovery } = options;
  const registry = new AiRegistryClient({ discoveryApi: discovery });
  return createTemplateAction({
    id: 'greenroom:register-model',
    description:
      'Makes a version of a model of files of the workspace, in the name of whoever uses the template; registers the model first, where it is not registered yet.',
    examples: [
      {
        description: 'Register the model iris with the files of a folder',
        example: `steps:
  - id: register
    name: Register
    action: greenroom:register-model
    input:
      model: iris
      task: classification
      owner: group:default/vision-team
      tags: { license: apache-2.0 }
      path: model
`,
      },
    ],
    schema: {
      input: {
        model: z =>
          z
            .string()
            .regex(MODEL_NAME_PATTERN)
            .describe('Name: lower-case letters, digits and dashes'),
        task: z =>
          z
            .enum(MODEL_TASKS)
            .optional()
            .describe('What it does; needed where it is not registered yet'),
        title: z => z.string().max(200).optional(),
        owner: z =>
          z
            .string()
            .optional()
            .describe('Entity ref; whoever uses the template when left out'),
        description: z =>
          z.string().max(10_000).optional().describe('Of the model'),
        tags: z => z.record(z.string()).optional().describe('Of the model'),
        path: z =>
          z
            .string()
            .min(1)
            .optional()
            .describe(
              'File of the workspace, or folder with all files of a bundle',
            ),
        digest: z =>
          z
            .string()
            .regex(/^sha256:[0-9a-f]{64}$/)
            .optional()
            .describe('In the place of path: a file that was uploaded before'),
        versionDescription: z =>
          z.string().max(10_000).optional().describe('Of the version'),
        sourceUrl: z =>
          z
            .string()
            .max(2_000)
            .optional()
            .describe('Where the files came from'),
      },
      output: {
        model: z => z.string(),
        version: z => z.number().describe('Number of the version'),
        digest: z => z.string().describe('Of the version'),
        page: z =>
          z.string().describe('Address of its page, within the portal'),
      },
    },
    async handler(ctx) {
      const { model, path, digest, versionDescription, sourceUrl } = ctx.input;
      if ((path === undefined) === (digest === undefined)) {
        throw new InputError(
          'path: expected a file or folder of the workspace, or digest, and not both',
        );
      }
      /** A token does not live as long as large uploads take. */
      const call = async () => {
        const { token } = await auth.getPluginRequestToken({
          onBehalfOf: await ctx.getInitiatorCredentials(),
          targetPluginId: 'ai-registry',
        });
        return { token, signal: ctx.signal };
      };
      if (await ensureModel(ctx.input, { registry, call })) {
        ctx.logger.info(`Registered the model ${model}`);
      }
      const content =
        path === undefined
          ? { digest: digest as Digest }
          : await uploadFiles(resolveSafeChildPath(ctx.workspacePath, path), {
              name: path,
              upload: async file => registry.uploadArtifact(file, await call()),
              say: text => ctx.logger.info(text),
            });
      // A task that was interrupted and goes on makes no second one.
      const made = await ctx.checkpoint({
        key: `register.${model}`,
        fn: async () => {
          const version = await registry.createVersion(
            model,
            {
              ...content,
              ...(versionDescription && { description: versionDescription }),
              ...(sourceUrl && { source: { uri: sourceUrl } }),
            },
            await call(),
          );
          return { version: version.version, digest: version.digest };
        },
      });
      ctx.logger.info(`${model} has the version ${made.version}`);
      ctx.output('model', model);
      ctx.output('version', made.version);
      ctx.output('digest', made.digest);
      ctx.output(
        'page',
        `/ai-registry/models/${model}/versions/${made.version}`,
      );
    },
  });
}
