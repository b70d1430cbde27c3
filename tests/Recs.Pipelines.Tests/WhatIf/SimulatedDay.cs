using System.Globalization;
using DuckDB.NET.Data;
using Recs.Domain.Wire;
using Recs.Pipelines.Simulate;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Ranker.Slates;
using Recs.Storage.Reports;

namespace Recs.Pipelines.Tests.WhatIf;

/// <summary>A day of the simulated site, answered by the real server and kept by the real ledger: a store, its model, and the policy that ran as a file. Made once for all tests.</summary>
public sealed class SimulatedDay : IAsyncLifetime
{
    public const int Visits = 300;

    private readonly TestFolder _folder = new();

    internal string Url => "duckdb:" + _folder.In("day.duckdb");

    internal string Model => _folder.In("model");

    /// <summary>The rules that ran.</summary>
    internal string Policy { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await SimulateVerb.Run(new SimulationOptions(Visits, 5, 60, 60, 3, 1), _folder.Path, TimeProvider.System, TestContext.Current.CancellationToken);
        Policy = Write("ran.yaml", Simulation.Policy);
    }

    /// <summary>A policy of the settings that these tests change, as a file.</summary>
    internal string Write(string name, SlatePolicy policy) => _folder.Write(name, string.Create(CultureInfo.InvariantCulture, $$"""
        version: 1
        value: { weights: { {{string.Join(", ", policy.Weights.Select(weight => $"{ActionNames.Of(weight.Key)}: {weight.Value}"))}} } }
        feed: { explore_position: {{policy.ExplorePosition}}, explore_share: {{policy.ExploreShare}}, explore_impressions: {{policy.ExploreImpressions}} }
        ads: { share: {{policy.AdShare}}, first_position: {{policy.FirstAdPosition}}, spacing: {{policy.AdSpacing}}, pacing_band: {{policy.PacingBand}}, pacing_curve: [{{string.Join(", ", policy.PacingCurve.Select(hour => hour.ToString("R", CultureInfo.InvariantCulture)))}}] }
        """));

    internal Table Ask(string sql)
    {
        using var connection = new DuckDBConnection("Data Source=" + _folder.In("day.duckdb"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var read = command.ExecuteReader();
        List<object?[]> rows = [];
        while (read.Read()) rows.Add([.. Enumerable.Range(0, read.FieldCount).Select(column => read.IsDBNull(column) ? null : read.GetValue(column))]);
        return new Table([.. Enumerable.Range(0, read.FieldCount).Select(read.GetName)], rows);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
