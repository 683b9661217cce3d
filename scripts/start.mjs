// The entry of `npm start`. It keeps to the syntax of old Nodes, so that they can read it and say that they are old.
// All the rest is imported only after that.
import process from 'process';

const MAJOR_NEEDED = 20;
const MINOR_NEEDED = 19;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < MAJOR_NEEDED || (major === MAJOR_NEEDED && minor < MINOR_NEEDED)) {
  process.stderr.write(
    `Tael needs Node ${MAJOR_NEEDED}.${MINOR_NEEDED} or newer; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer one from https://nodejs.org and run `npm start` again.\n',
  );
  process.exitCode = 1;
} else {
  import('./stack/main.mjs').then((module) => module.main(process.argv.slice(2)));
}
