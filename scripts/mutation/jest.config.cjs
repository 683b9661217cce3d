// The unit tests of one workspace, for the mutation run: it copies the workspace, and this file with it, into a sandbox.
const [folder] = process.env.TAEL_MUTATED.split('/src/');
const { projects } = require(`../../${folder}/jest.config.cjs`);

module.exports = projects.find(({ displayName }) => displayName === 'unit');
