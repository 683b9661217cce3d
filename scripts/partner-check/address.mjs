/**
 * What the kit needs to know of where services call.
 * @typedef {Pick<typeof import('@tael/platform/egress'), 'egressFault' | 'HTTPS_PORTS' | 'publicLookup'>} Egress
 */

/** @type {Record<import('@tael/platform/egress').EgressFault, string>} */
const WORDS = {
  UNREADABLE: 'this is no address, or one of more than 2,048 characters',
  NOT_ONLY_A_PLACE: 'a user, a password or a #fragment stands in it',
  NOT_HTTPS: 'it is not https',
  PORT: 'its port is none that Tael calls',
  PRIVATE_ADDRESS: 'it is an address of no public host: private, loopback, link-local or kept for something else',
  LOCAL_NAME: 'its name is good in one network alone',
};

/**
 * Whether Tael would call an address at all, by the rules that its gateway goes by. `local` is a stack on the bank's own machine, which takes plain
 * http on loopback besides.
 * @param {string} url
 * @param {{ local: boolean, egress: Egress }} given
 * @returns {Promise<{ title: string, problems: string[] }>}
 */
export async function addressFinding(url, { local, egress }) {
  const title = local ? 'A stack on this machine would call this address' : 'Tael would call this address';
  const fault = egress.egressFault(url, { allowHttp: local, ports: egress.HTTPS_PORTS });
  if (fault === undefined) {
    const problem = await nameProblem(new URL(url), egress);
    return { title, problems: problem === undefined ? [] : [problem] };
  }
  const ports = fault === 'PORT' ? `: ${egress.HTTPS_PORTS.join(' and ')} are` : '';
  const hint = local || !isLoopback(url) ? '' : '. To try a subgraph on this machine before it has an address of its own, add --local';
  return { title, problems: [`${WORDS[fault]}${ports}; what is asked there is null for everybody${hint}`] };
}

/** @param {string} url */
const isLoopback = (url) => URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);

/**
 * A name may lead to a private address. Plain http goes to loopback alone, where nothing is looked up.
 * @param {URL} url
 * @param {Egress} egress
 * @returns {Promise<string | undefined>}
 */
function nameProblem({ protocol, hostname }, { publicLookup }) {
  if (protocol === 'http:') return Promise.resolve(undefined);
  return new Promise((resolve) => {
    publicLookup(hostname.replace(/^\[|\]$/g, ''), { all: true }, (error) => {
      if (!error) return resolve(undefined);
      if (error.name === 'PrivateAddress') return resolve(`${error.message}, seen from here, and Tael calls none. Where your network answers otherwise than the world does, try from outside of it`);
      resolve(`the name leads nowhere, seen from here (${error.message})`);
    });
  });
}
