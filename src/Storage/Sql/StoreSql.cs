namespace Recs.Storage.Sql;

/// <summary>The portable statements of the store; the engines' own are beside their stores.</summary>
internal static class StoreSql
{
    public const string Offsets = "select topic, part, next_offset from stream_offset where grp = $grp";

    /// <summary>A row for each partition that stands where the batch expects it, none for one that another worker has moved.</summary>
    /// <param name="count">Of the partitions: $t0, $p0 with $e0 expected and $n0 next, and so on.</param>
    public static string MoveOffsets(int count) => $"""
        update stream_offset set next_offset = m.next
        from (values {string.Join(", ", Enumerable.Range(0, count).Select(i => $"($t{i}, $p{i}, cast($e{i} as bigint), cast($n{i} as bigint))"))}) m (topic, part, expected, next)
        where stream_offset.grp = $grp and stream_offset.topic = m.topic and stream_offset.part = m.part and stream_offset.next_offset = m.expected
        returning stream_offset.topic, stream_offset.part
        """;

    /// <summary>One row when nobody had begun the partition.</summary>
    public const string BeginOffset = """
        insert into stream_offset (grp, topic, part, next_offset) values ($grp, $topic, $part, $next) on conflict do nothing
        """;

    public const string CountOthers = """
        insert into ingest_counter (topic, part, duplicates, late, erased) values ($topic, $part, $duplicates, $late, $erased)
        on conflict (topic, part) do update set duplicates = ingest_counter.duplicates + excluded.duplicates,
          late = ingest_counter.late + excluded.late, erased = ingest_counter.erased + excluded.erased
        """;

    public const string EnterBatch = """
        select nextval('fact_batch'), cast(first_day as timestamp), horizon_days, (select count(*) from erased_user), epoch from fact_retention where one = 1
        """;

    public const string ErasedUsers = "select user_hash from erased_user";

    public const string LateEventColumns = "day, event_id, event_time, known_time, user_id, payload";

    public const string KeepLateEvents = $"""
        insert into late_event ({LateEventColumns}) select {LateEventColumns} from late_event_stage order by day, event_id on conflict do nothing
        """;

    public const string Count = """
        select
          (select count(*) from fact where type = 1) as items,
          (select count(*) from fact where type = 2) as users,
          (select count(*) from fact where type = 3) as impressions,
          (select count(*) from fact where type = 4) as interactions,
          (select cast(coalesce(sum(duplicates), 0) as bigint) from ingest_counter) as duplicates,
          (select count(*) from dead_letter) as deadletters,
          (select cast(coalesce(sum(late), 0) as bigint) from ingest_counter) as late,
          (select cast(coalesce(sum(erased), 0) as bigint) from ingest_counter) as erased
        """;

    public const string DeadLetterColumns = "topic, part, off, content_hash, reason, detail, raw, known_time, message_key";

    public const string KeepDeadLetters = $"""
        insert into dead_letter ({DeadLetterColumns}) select {DeadLetterColumns} from dead_letter_stage order by topic, part, off on conflict do nothing
        """;

    public const string EmbeddingColumns = "version, item_id, content_hash, vector, signature";

    public const string KeepEmbeddings = $"""
        insert into item_embedding ({EmbeddingColumns}) select {EmbeddingColumns} from item_embedding_stage order by version, item_id
        on conflict (version, item_id) do update set content_hash = excluded.content_hash, vector = excluded.vector, signature = excluded.signature
        """;

    /// <summary>Touches nothing when the version is the latest already: workers that save vectors of one version never wait for each other here.</summary>
    public const string RememberEmbeddingVersion = """
        insert into embedding_version (version, saved) select $version, coalesce(max(saved), 0) + 1 from embedding_version
        having not exists (select 1 from embedding_version where version = $version and saved = (select max(saved) from embedding_version))
        on conflict (version) do update set saved = excluded.saved
        """;

    public const string Embeddings = "select item_id, content_hash, vector, coalesce(signature, '') from item_embedding where version = $version order by item_id";

    public const string EmbeddingHashes = "select item_id, content_hash from item_embedding where version = $version";

    public const string CountStagedEmbeddings = "select count(*) from item_embedding where item_id in (select item_id from item_embedding_stage)";

    public const string RemoveStagedEmbeddings = "delete from item_embedding where item_id in (select item_id from item_embedding_stage)";

    /// <summary>The versions of each item that are latest by time: one, or several that only the event id tells apart.</summary>
    public const string Catalogue = """
        select payload from (
          select item_id, payload, rank() over (partition by item_id order by event_time desc) as place from fact where type = 1
        ) newest
        where place = 1 order by item_id
        """;

    public const string LatestEmbeddingVersion = "select version from embedding_version order by saved desc limit 1";

    public const string Epoch = "select epoch from fact_retention where one = 1";

    public const string States = """
        select id, kind, batch, epoch, layout, made_at as MadeAt, facts, offsets from state_snapshot where kind = $kind order by id desc
        """;

    public const string KeepState = """
        insert into state_snapshot (id, kind, batch, epoch, layout, made_at, facts, offsets)
        select coalesce(max(id), 0) + 1, $kind, $batch, $epoch, $layout, $made, $facts, $offsets from state_snapshot
        """;

    public const string ScoreColumns = "model_version, user_id, item_id, score, rank, embedding_version, scored_at";

    public const string DeleteScores = "delete from score where model_version = $version";

    public const string Scores = """
        select item_id, score, rank, embedding_version from score
        where model_version = $version and user_id = $user order by rank, item_id
        """;

    public const string PredictionColumns = "model_version, request_id, user_id, item_id, score, label";

    public const string DeletePredictions = "delete from prediction where model_version = $version";
}
