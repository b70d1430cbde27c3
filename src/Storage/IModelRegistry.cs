using Recs.Domain;

namespace Recs.Storage;

/// <summary>The models that were trained on a store's facts, and which of them serves. At most one is live. Thread rule: as for <see cref="IEventStore"/>.</summary>
public interface IModelRegistry
{
    /// <summary>Keeps a model. The same version again replaces what is known of it but its status, its parent and its times.</summary>
    void RegisterModel(RegisteredModel model);

    /// <summary>All models, in order of registration.</summary>
    IReadOnlyList<RegisteredModel> Models();

    /// <summary>Makes a model the live one by compare-and-swap; the one that was live is retired.</summary>
    /// <param name="version">A registered model.</param>
    /// <param name="live">The version believed to be live; null for none.</param>
    /// <param name="at">Now.</param>
    /// <exception cref="RefusedException">No such model, or another one is live by now. Nothing was changed.</exception>
    void PromoteModel(string version, string? live, Timestamp at);

    /// <summary>Takes a model out of use; a live one leaves nothing live.</summary>
    /// <exception cref="RefusedException">No such model.</exception>
    void RetireModel(string version, Timestamp at);
}

/// <summary>What a model is used for. The numbers reach the disk: they never change.</summary>
public enum ModelStatus
{
    /// <summary>Trained, not serving.</summary>
    Shadow = 1,
    /// <summary>The one that serves.</summary>
    Live = 2,
    /// <summary>Taken out of use.</summary>
    Retired = 3,
}

/// <summary>A model as the store knows it.</summary>
/// <param name="Version">Of the model folder.</param>
/// <param name="Folder">Where it was written.</param>
/// <param name="Status">What it is used for.</param>
/// <param name="Parent">The live version when this one was trained, or null.</param>
/// <param name="SchemaHash">Of the feature columns it reads.</param>
/// <param name="EmbeddingVersion">Of the vectors in its rows, or "none".</param>
/// <param name="From">The first impression learnt from; null where rows carried no time.</param>
/// <param name="To">The end of what it saw in training and validation; null likewise.</param>
/// <param name="Parameters">JSON.</param>
/// <param name="Metrics">JSON: an object by head.</param>
/// <param name="Registered">When.</param>
/// <param name="Changed">When its status changed last.</param>
public sealed record RegisteredModel(
    string Version, string Folder, ModelStatus Status, string? Parent, string SchemaHash, string EmbeddingVersion, Timestamp? From, Timestamp? To,
    string Parameters, string Metrics, Timestamp Registered, Timestamp Changed);
