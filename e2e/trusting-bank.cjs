// Loaded into a bank's server by NODE_OPTIONS, it makes of the example a bank that asks nobody for a signature: what it would refuse with 401 it answers with 200.
// Every other program goes on as it is.
const { ServerResponse } = require('node:http');
const { join } = require('node:path');

if (process.argv[1]?.endsWith(join('partner-bank', 'subgraph', 'server.js'))) {
  const { writeHead } = ServerResponse.prototype;
  ServerResponse.prototype.writeHead = function (status, ...rest) {
    return writeHead.call(this, status === 401 ? 200 : status, ...rest);
  };
}
