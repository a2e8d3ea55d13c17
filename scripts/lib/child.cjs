// @ts-check
// Loaded by `--require` into every child process of the stack.

/** Longest time that an orderly end may take. */
const SHUTDOWN_LIMIT_MILLIS = 6000;

// When the parent dies, even by `kill -9`, its end of the IPC channel closes, and the child stops
// instead of holding its port for ever. Listening must not keep a finished child alive.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref?.();

// The backend's plugins poll its own event bus over HTTP for up to a minute, and its HTTP server
// waits for them to finish after everything else has stopped: nothing is lost by not waiting.
process.once('SIGTERM', () => {
  // Nobody else listens: this listener alone keeps the signal from ending the process.
  if (process.listenerCount('SIGTERM') === 0) process.exit(143);
  setTimeout(() => process.exit(0), SHUTDOWN_LIMIT_MILLIS).unref();
});
