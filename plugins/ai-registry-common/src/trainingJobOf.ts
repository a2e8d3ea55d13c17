/** As training names the tokens of a job's attempts. Nobody can issue one under such a name: those have no dots. */
const PATTERN =
  /^service:training\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.\d+\.[0-9a-f]{8}$/;

/** Id of the training job whose program has done something, by who is recorded as the actor; undefined for everybody else. */
export function trainingJobOf(actor: string): string | undefined {
  return PATTERN.exec(actor)?.[1];
}
