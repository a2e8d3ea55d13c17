import { InputError } from '@backstage/errors';
import {
  type ArtifactPath,
  checkPath,
  parseArtifactPath,
} from '../artifacts/artifactPath';
import { parseVersionUri } from './versionUri';

/** Where the files of a new version are. */
export type VersionSource =
  | { kind: 'logged-model'; id: string; path: string }
  | { kind: 'run'; id: string; path: string }
  | { kind: 'folder'; folder: ArtifactPath }
  /** Another registered version, of which this one is a copy, by what MLflow calls its model. */
  | { kind: 'version'; externalName: string; version: number }
  | { kind: 'alias'; externalName: string; alias: string }
  /** The same, by the registry's own name. */
  | { kind: 'registered'; model: string; version: number };

/**
 * Reads what a client gives as the source of a version.
 *
 * @throws InputError where it is none of this server's, which says how files come here
 */
export function parseSource(source: string): VersionSource {
  const uri = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/]*))?\/*(.*)$/is.exec(source);
  if (!uri) throw elsewhere(source);
  const [, scheme, host = '', rest] = uri;
  if (host !== '') throw elsewhere(source);
  try {
    switch (scheme.toLowerCase()) {
      case 'models':
        return parseModels(rest);
      case 'runs':
        return parseRuns(rest);
      case 'mlflow-artifacts':
        return parseFolder(rest);
      default:
        break;
    }
  } catch (error) {
    throw new InputError(
      `Invalid model version source: '${source}'. ${(error as Error).message}`,
    );
  }
  throw elsewhere(source);
}

function parseModels(rest: string): VersionSource {
  const logged = /^(m-[0-9a-f]{32})(?:\/(.*))?$/.exec(rest);
  if (logged) {
    return { kind: 'logged-model', id: logged[1], path: pathOf(logged[2]) };
  }
  const registered = /^([^/]+)\/(\d{1,9})$/.exec(rest);
  if (registered) {
    const [, externalName, version] = registered;
    return { kind: 'version', externalName, version: Number(version) };
  }
  const aliased = /^([^/@]+)@([\w-]+)$/.exec(rest);
  if (aliased) {
    return { kind: 'alias', externalName: aliased[1], alias: aliased[2] };
  }
  throw new Error(
    'Expected models:/<logged model>, models:/<name>/<version> or models:/<name>@<alias>',
  );
}

function parseFolder(rest: string): VersionSource {
  const registered = parseVersionUri(rest);
  if (!registered) {
    const folder = parseArtifactPath(rest.replace(/\/+$/, ''));
    return { kind: 'folder', folder };
  }
  const { kind, model, version, path } = registered;
  if (path !== '') {
    throw new Error('A version is copied as a whole, not a folder in it');
  }
  return { kind, model, version };
}

function parseRuns(rest: string): VersionSource {
  const [id, ...path] = rest.split('/');
  if (!id || path.length === 0) {
    throw new Error('Expected runs:/<run>/<path of the model>');
  }
  return { kind: 'run', id, path: pathOf(path.join('/')) };
}

function pathOf(path = ''): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '' : checkPath(trimmed);
}

function elsewhere(source: string): InputError {
  return new InputError(
    `Invalid model version source: '${source}'. The files of a version are kept here, and fetched from nowhere else: log the model to a run of this server (log_model, or log_artifacts of its folder), and register runs:/<run>/<path> or models:/<logged model>`,
  );
}
