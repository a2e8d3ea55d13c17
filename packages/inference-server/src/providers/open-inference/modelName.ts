/** `model`, or `model/version` for one of its versions. */
export function splitModelName(name: string): {
  model: string;
  version: string | undefined;
} {
  const [model, version] = name.split('/');
  return { model, version };
}
