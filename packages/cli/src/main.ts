import { runCommand } from './runCommand';

// Whoever reads has enough, as in `greenroom models list | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

runCommand({
  args: process.argv.slice(2),
  environment: process.env,
  input: process.stdin,
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  print: text => process.stdout.write(`${text}\n`),
  complain: text => process.stderr.write(`${text}\n`),
}).then(
  code => {
    process.exitCode = code;
    // A terminal or pipe that nobody writes to would keep the process; a file cannot.
    if ('unref' in process.stdin) process.stdin.unref();
  },
  error => {
    process.stderr.write(
      `greenroom: ${error instanceof Error ? error.message : error}\n`,
    );
    process.exitCode = 1;
  },
);
