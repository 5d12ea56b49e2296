-- The runtime's own: where one queue carries jobs of several priorities, the most urgent one is found at once.
CREATE INDEX sluice_jobs_waiting ON sluice_jobs (priority, due_at) WHERE state = 'queued';
