"""A simulated world around the core: workers that die, partners that stumble, customers, one store.

Everything runs on virtual time and from one seed. `points` says where a process may die, `guards` puts those
points around every port call, `faults` draws what goes wrong; `store`, `carrier`, `gateway` and `telegram`
are the partners, `worker` is one process, `customers` are the people, `checker` knows what must be true of
every write and `resting` of a world at rest; a `story` says what to live through, `simulation` lets it run.
"""
