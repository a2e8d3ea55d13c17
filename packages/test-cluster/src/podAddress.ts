/** Of pods of a node that run at the same time. */
const ADDRESSES = 62;

/**
 * Address of a node's pod. Tests run beside each other, and pods of one would be taken for those of another: its second
 * and third part are those of the cluster, since no two have the same port.
 *
 * @param count - which of the node's pods it is, from 1
 */
export function podAddress(
  count: number,
  { server, network = 0 }: { server: string; network?: number },
): string {
  const port = Number(new URL(server).port);
  const last = network * ADDRESSES + ((count - 1) % ADDRESSES) + 1;
  return ['10', Math.floor(port / 256), port % 256, last].join('.');
}
