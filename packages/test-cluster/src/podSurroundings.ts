import type {
  CoreV1Api,
  V1Container,
  V1EnvVar,
  V1Pod,
} from '@kubernetes/client-node';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestImage } from './TestImage';

/** What a pod finds: its variables, and the folders that stand for its volumes. */
export interface PodSurroundings {
  /** What its container is started with. */
  command: string[];
  /** Where it is started; where this process is when undefined. */
  workingDirectory?: string;
  variables: Record<string, string>;
  /** Those that stand for its volumes. */
  folders: string[];
  /** Fills the folders of Secrets and ConfigMaps with what these have now. */
  refresh(): Promise<void>;
}

/**
 * Makes what a pod finds. Paths of its volumes are others on this machine, also in its variables.
 *
 * @throws Error where something that it names is not there
 */
export async function preparePod(options: {
  pod: V1Pod;
  /** Of the pod's containers. */
  container: V1Container;
  core: CoreV1Api;
  /** Its address on this machine. */
  host: string;
  directory: string;
  image: TestImage;
  folderOfClaim(name: string): string;
}): Promise<PodSurroundings> {
  const { pod, container, core, host, directory, image, folderOfClaim } =
    options;
  const namespace = pod.metadata?.namespace ?? '';
  const mounts = (container.volumeMounts ?? []).map(mount => {
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name);
    const claim = volume?.persistentVolumeClaim?.claimName;
    const folder =
      claim === undefined ? join(directory, mount.name) : folderOfClaim(claim);
    return {
      path: mount.mountPath,
      volume,
      folder: join(folder, mount.subPath ?? ''),
    };
  });
  const refresh = async () => {
    for (const { volume, folder } of mounts) {
      await mkdir(folder, { recursive: true });
      const files = volume?.secret?.secretName
        ? await bytesOf(core, namespace, volume.secret.secretName)
        : await configOf(core, namespace, volume?.configMap?.name);
      const items =
        (volume?.secret ?? volume?.configMap)?.items ??
        Object.keys(files).map(key => ({ key, path: key }));
      for (const { key, path } of items) {
        if (files[key] === undefined) throw new Error(`there is no key ${key}`);
        await writeFile(join(folder, path), files[key]);
      }
    }
  };
  const onThisMachine = (value: string) => {
    if (value === '0.0.0.0') return host;
    const place = [...mounts, ...(image.folders ?? [])].find(
      ({ path }) => value === path || value.startsWith(`${path}/`),
    );
    return place ? `${place.folder}${value.slice(place.path.length)}` : value;
  };
  await refresh();
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(image.variables ?? {})) {
    variables[name] = onThisMachine(value);
  }
  for (const { secretRef, configMapRef } of container.envFrom ?? []) {
    Object.assign(
      variables,
      secretRef?.name
        ? await secretOf(core, namespace, secretRef.name)
        : await configOf(core, namespace, configMapRef?.name),
    );
  }
  for (const variable of container.env ?? []) {
    const value = await valueOf({ variable, pod, core, host });
    variables[variable.name] = onThisMachine(expand(value, variables));
  }
  const words = (texts: string[]) =>
    texts.map(text => onThisMachine(expand(text, variables)));
  return {
    command: [
      ...(container.command ? words(container.command) : image.command),
      ...words(container.args ?? []),
    ],
    workingDirectory:
      container.workingDir === undefined
        ? image.workingDirectory
        : onThisMachine(container.workingDir),
    variables,
    folders: mounts.map(({ folder }) => folder),
    refresh,
  };
}

/** As Kubernetes does it: `$(NAME)` is a variable, where there is one, and `$$` a dollar. */
function expand(text: string, variables: Record<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]+)\))/g, (found, name?: string) =>
    name === undefined ? '$' : variables[name] ?? found,
  );
}

async function valueOf(options: {
  variable: V1EnvVar;
  pod: V1Pod;
  core: CoreV1Api;
  host: string;
}): Promise<string> {
  const { variable, pod, core, host } = options;
  const { fieldRef, secretKeyRef, configMapKeyRef } = variable.valueFrom ?? {};
  const namespace = pod.metadata?.namespace ?? '';
  if (fieldRef) {
    const fields: Record<string, string | undefined> = {
      'metadata.name': pod.metadata?.name,
      'metadata.namespace': namespace,
      'status.podIP': host,
    };
    const [, annotation] =
      /^metadata\.annotations\['(.+)'\]$/.exec(fieldRef.fieldPath) ?? [];
    return annotation === undefined
      ? fields[fieldRef.fieldPath] ?? ''
      : pod.metadata?.annotations?.[annotation] ?? '';
  }
  if (secretKeyRef?.name) {
    const values = await secretOf(core, namespace, secretKeyRef.name);
    return values[secretKeyRef.key] ?? '';
  }
  if (configMapKeyRef?.name) {
    const values = await configOf(core, namespace, configMapKeyRef.name);
    return values[configMapKeyRef.key] ?? '';
  }
  return variable.value ?? '';
}

async function bytesOf(
  core: CoreV1Api,
  namespace: string,
  name: string,
): Promise<Record<string, Buffer>> {
  const { data = {} } = await core.readNamespacedSecret({ namespace, name });
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64'),
    ]),
  );
}

async function secretOf(
  core: CoreV1Api,
  namespace: string,
  name: string,
): Promise<Record<string, string>> {
  const files = await bytesOf(core, namespace, name);
  return Object.fromEntries(
    Object.entries(files).map(([key, bytes]) => [key, bytes.toString('utf8')]),
  );
}

async function configOf(
  core: CoreV1Api,
  namespace: string,
  name: string | undefined,
): Promise<Record<string, string>> {
  if (name === undefined) return {};
  const { data = {} } = await core.readNamespacedConfigMap({ namespace, name });
  return data;
}
