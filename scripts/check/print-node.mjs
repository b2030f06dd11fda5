// node scripts/check/print-node.mjs VERSION: prints the binary of this version of Node.js, for the tests.
import { nodeBinary } from './nodes.mjs';

console.log(nodeBinary(process.argv[2]));
