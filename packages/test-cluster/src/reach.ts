/**
 * Where a pod that a test kubelet runs is reached on this machine: the cluster takes no addresses of
 * a machine itself, and knows 127.1.0.1 as 10.1.0.1.
 */
export function reach(address: string): string {
  return address.replace(/^10\./, '127.');
}
