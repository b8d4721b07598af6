// The program's entry. Commands and daemon come with their own files.
const [command = 'help'] = process.argv.slice(2);
process.stdout.write(`mycelium ${command}: nothing here yet\n`);
