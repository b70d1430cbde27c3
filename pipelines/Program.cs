using Recs.Pipelines.CommandLine;

return await RecsCommandLine.RunAsync(args);
