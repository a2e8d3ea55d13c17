// Loaded into child processes by `--require`: when the parent dies, even by `kill -9`, its end of the
// IPC channel closes, and the child stops instead of holding its port for ever.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// Listening for `disconnect` must not keep a finished child alive.
process.channel?.unref?.();
