import { request } from 'node:http';

/** Asks on a connection of its own. @returns the status */
export function askOnNewConnection(
  url: string,
  options: { headers: Record<string, string>; body: string },
): Promise<number> {
  const { headers, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent: false, headers },
      response => {
        response.resume();
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
