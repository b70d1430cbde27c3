using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Features.Embedding;

namespace Recs.Api.Live;

/// <summary>
/// Vectors from the stream: noted as they come, and taken into use together, at most once a second, beside the rankings. Vectors of a version that nothing here
/// reads are passed over.
/// </summary>
public sealed partial class LiveState
{
    private static readonly TimeSpan VectorCheck = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ItemId, ItemEmbedding?> _notedVectors = [];
    private readonly Lock _notedGate = new(), _vectorUse = new();
    private Task _vectorChecks = Task.CompletedTask;

    private void NoteVector(ItemId item, ItemEmbedding? vector)
    {
        lock (_notedGate) _notedVectors[item] = vector;
    }

    // A fault of the follower is the status's to tell.
    private async Task FollowVectorsAsync(Task caughtUp)
    {
        await caughtUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        while (!_stop.IsCancellationRequested)
        {
            UseNotedVectors();
            await Task.Delay(VectorCheck, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void UseNotedVectors()
    {
        lock (_vectorUse)
        {
            Dictionary<ItemId, ItemEmbedding?> noted;
            lock (_notedGate)
            {
                if (_notedVectors.Count == 0) return;
                noted = new(_notedVectors);
                _notedVectors.Clear();
            }
            lock (_swap)
            {
                BeginVectors(noted);
                Dictionary<ItemVectors, ItemVectors> newer = [];
                foreach (var used in UsedVectors())
                    if (Newer(used, noted) is { } table) newer[used] = table;
                if (newer.Count == 0) return;
                Writing(() =>
                {
                    _table.Use(newer);
                    if (_shadow is { Ranker.Slates: { Vectors: { } shadowed } slates }) slates.Vectors = newer.GetValueOrDefault(shadowed, shadowed);
                    if (_vectors is { } similar) _vectors = newer.GetValueOrDefault(similar, similar);
                });
            }
        }
    }

    /// <summary>The first vectors of the live model's version, where there were none.</summary>
    private void BeginVectors(Dictionary<ItemId, ItemEmbedding?> noted)
    {
        var live = _table.Live;
        if (live.Vectors is not null || live.Model.EmbeddingVersion == "none") return;
        var first = noted.Values.OfType<ItemEmbedding>().FirstOrDefault(vector => vector.Version == live.Model.EmbeddingVersion);
        if (first is null) return;
        var begun = new ItemVectors([first]);
        var table = Table(live with { Vectors = begun }, _table.Policy, _table.Experiments, _table.Models, _table.Affinity);
        (_table, _vectors) = (table, begun);
    }

    private HashSet<ItemVectors> UsedVectors() =>
        [.. new[] { _table.Live.Vectors, _vectors, _shadow?.Ranker.Slates.Vectors }.Concat(_table.Models.Values.Select(model => model.Vectors)).OfType<ItemVectors>()];

    /// <summary>A table with the changes that are of its version and length, neighbours found; null where none is.</summary>
    private ItemVectors? Newer(ItemVectors used, Dictionary<ItemId, ItemEmbedding?> noted)
    {
        List<ItemEmbedding> saved = [.. noted.Values.OfType<ItemEmbedding>().Where(vector => vector.Version == used.Version && vector.Vector.Length == used.Dimensions)];
        List<ItemId> removed = [.. noted.Where(change => change.Value is null && used.Has(change.Key)).Select(change => change.Key)];
        if (saved.Count + removed.Count == 0) return null;
        var table = used.With(saved, removed);
        table.Prepare(_stop.Token);
        return table;
    }
}
