import { InputError } from '@backstage/errors';
import express from 'express';
import Router from 'express-promise-router';
import type { ArtifactService } from '../artifacts/ArtifactService';
import { refusePrompt } from '../registry/prompts';
import type { RegisteredModels } from '../registry/RegisteredModels';
import type { RegisteredVersions } from '../registry/RegisteredVersions';
import {
  checkArchiving,
  NO_STAGE,
  parseStage,
  STAGES,
} from '../registry/stages';
import type { VersionFolders } from '../registry/VersionFolders';
import { readPairs } from './fields';
import type { Message } from './messages';
import { createVersionFileRoutes } from './versionFileRoutes';
import { type MlflowCall, MlflowRoutes } from './MlflowRoutes';

/** Descriptions and tags of models may be long. */
const LARGE = { jsonLimitBytes: 20 * 1024 * 1024 };
const MOST_MODELS = 1_000;
const DEFAULT_MODELS = 100;
const MOST_VERSIONS = 200_000;
const DEFAULT_VERSIONS = 10_000;

/** Registered models, their versions and aliases, and the files of versions. */
export function createRegistryRoutes(options: {
  models: RegisteredModels;
  versions: RegisteredVersions;
  folders: VersionFolders;
  artifacts: Pick<ArtifactService, 'open'>;
}): express.Router {
  return Router()
    .use(createModelRoutes(options))
    .use(createVersionRoutes(options))
    .use(createVersionFileRoutes(options));
}

function createModelRoutes(options: {
  models: RegisteredModels;
  versions: RegisteredVersions;
}): express.Router {
  const { models, versions } = options;
  const latest = async ({ message, ...call }: MlflowCall) => {
    const stages = message.texts('stages').map(parseStage);
    const found = await models.latest(
      message.requiredText('name'),
      stages.length > 0 ? stages : STAGES,
      call,
    );
    return { model_versions: found };
  };
  return new MlflowRoutes()
    .add(
      'post',
      '/registered-models/create',
      async ({ message, ...call }) => {
        const tags = readTags(message);
        refusePrompt(tags);
        return {
          registered_model: await models.create(
            {
              externalName: message.requiredText('name'),
              description: message.text('description') ?? '',
              tags,
            },
            call,
          ),
        };
      },
      LARGE,
    )
    .add('get', '/registered-models/get', async ({ message, ...call }) => ({
      registered_model: await models.get(message.requiredText('name'), call),
    }))
    .add(
      'patch',
      '/registered-models/update',
      async ({ message, ...call }) => ({
        registered_model: await models.update(
          message.requiredText('name'),
          { description: message.text('description') ?? '' },
          call,
        ),
      }),
      LARGE,
    )
    .add('post', '/registered-models/rename', async ({ message, ...call }) => ({
      registered_model: await models.rename(
        message.requiredText('name'),
        message.requiredText('new_name'),
        call,
      ),
    }))
    .add('delete', '/registered-models/delete', ({ message, ...call }) =>
      models.delete(message.requiredText('name'), call),
    )
    .add('get', '/registered-models/search', async ({ message, ...call }) => {
      const { items, nextPageToken } = await models.search(
        {
          filter: message.text('filter'),
          orderBy: message.texts('order_by'),
          limit: readLimit(message, DEFAULT_MODELS, MOST_MODELS),
          pageToken: message.text('page_token') || undefined,
        },
        call,
      );
      return { registered_models: items, next_page_token: nextPageToken };
    })
    .add('post', '/registered-models/get-latest-versions', latest)
    .add('get', '/registered-models/get-latest-versions', latest)
    .add(
      'post',
      '/registered-models/set-tag',
      ({ message, ...call }) => {
        const tags = readTag(message);
        return models.changeTags(message.requiredText('name'), tags, call);
      },
      LARGE,
    )
    .add('delete', '/registered-models/delete-tag', ({ message, ...call }) =>
      models.changeTags(
        message.requiredText('name'),
        { [message.requiredText('key')]: null },
        call,
      ),
    )
    .add('post', '/registered-models/alias', ({ message, ...call }) =>
      models.setAlias(
        message.requiredText('name'),
        {
          alias: message.requiredText('alias'),
          version: readVersion(message),
        },
        call,
      ),
    )
    .add('delete', '/registered-models/alias', ({ message, ...call }) =>
      models.removeAlias(
        message.requiredText('name'),
        message.requiredText('alias'),
        call,
      ),
    )
    .add('get', '/registered-models/alias', async ({ message, ...call }) => ({
      model_version: await versions.getByAlias(
        message.requiredText('name'),
        message.requiredText('alias'),
        call,
      ),
    })).router;
}

function createVersionRoutes(options: {
  versions: RegisteredVersions;
}): express.Router {
  const { versions } = options;
  return new MlflowRoutes()
    .add(
      'post',
      '/model-versions/create',
      async ({ message, ...call }) => {
        const tags = readTags(message);
        refusePrompt(tags);
        return {
          model_version: await versions.create(
            {
              externalName: message.requiredText('name'),
              source: message.requiredText('source'),
              run: message.text('run_id') || undefined,
              runLink: message.text('run_link') || undefined,
              loggedModel: message.text('model_id') || undefined,
              description: message.text('description') ?? '',
              tags,
            },
            call,
          ),
        };
      },
      LARGE,
    )
    .add('get', '/model-versions/get', async ({ message, ...call }) => ({
      model_version: await versions.get(readRef(message), call),
    }))
    .add(
      'patch',
      '/model-versions/update',
      async ({ message, ...call }) => ({
        model_version: await versions.update(
          readRef(message),
          { description: message.text('description') ?? '' },
          call,
        ),
      }),
      LARGE,
    )
    .add(
      'post',
      '/model-versions/transition-stage',
      async ({ message, ...call }) => {
        const ref = readRef(message);
        const stage = parseStage(message.requiredText('stage'));
        const archiveOthers =
          message.boolean('archive_existing_versions') ?? false;
        if (archiveOthers) checkArchiving(stage);
        return {
          model_version: await versions.update(
            ref,
            {
              stage: stage === NO_STAGE ? null : stage,
              ...(archiveOthers && { archiveOthers }),
            },
            call,
          ),
        };
      },
    )
    .add('delete', '/model-versions/delete', ({ message, ...call }) =>
      versions.delete(readRef(message), call),
    )
    .add('get', '/model-versions/search', async ({ message, ...call }) => {
      const { items, nextPageToken } = await versions.search(
        {
          filter: message.text('filter'),
          orderBy: message.texts('order_by'),
          limit: readLimit(message, DEFAULT_VERSIONS, MOST_VERSIONS),
          pageToken: message.text('page_token') || undefined,
        },
        call,
      );
      return { model_versions: items, next_page_token: nextPageToken };
    })
    .add(
      'get',
      '/model-versions/get-download-uri',
      async ({ message, ...call }) => ({
        artifact_uri: await versions.downloadUri(readRef(message), call),
      }),
    )
    .add(
      'post',
      '/model-versions/set-tag',
      async ({ message, ...call }) => {
        const tagChanges = readTag(message);
        await versions.update(readRef(message), { tagChanges }, call);
      },
      LARGE,
    )
    .add(
      'delete',
      '/model-versions/delete-tag',
      async ({ message, ...call }) => {
        const tagChanges = { [message.requiredText('key')]: null };
        await versions.update(readRef(message), { tagChanges }, call);
      },
    ).router;
}

/** Of several with the same key, the last one counts. */
function readTags(message: Message): Record<string, string> {
  return Object.fromEntries(
    readPairs(message, 'tags').map(({ key, value }) => [key, value]),
  );
}

function readTag(message: Message): Record<string, string> {
  const tag = {
    [message.requiredText('key')]: message.text('value') ?? '',
  };
  refusePrompt(tag);
  return tag;
}

function readRef(message: Message): { externalName: string; version: number } {
  return {
    externalName: message.requiredText('name'),
    version: readVersion(message),
  };
}

/** Clients send it as a text, old ones as a number. */
function readVersion(message: Message): number {
  const version = message.requiredInteger('version');
  if (version >= 1 && version <= 2_147_483_647) return version;
  throw new InputError(
    `Invalid value ${version} for parameter 'version' supplied: it must be a number from 1 on`,
  );
}

function readLimit(message: Message, otherwise: number, most: number): number {
  const limit = message.integer('max_results') ?? otherwise;
  if (limit > most) {
    throw new InputError(
      `Invalid value for request parameter max_results. It must be at most ${most}, but got value ${limit}`,
    );
  }
  if (limit < 1) {
    throw new InputError(
      `Invalid value for request parameter max_results. It must be at least 1, but got value ${limit}`,
    );
  }
  return limit;
}
