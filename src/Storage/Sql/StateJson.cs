using System.Text.Json.Serialization;

namespace Recs.Storage.Sql;

[JsonSerializable(typeof(Dictionary<string, long>))]
internal sealed partial class StateJson : JsonSerializerContext;
